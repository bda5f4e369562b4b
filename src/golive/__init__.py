"""golive: release operations where every readiness claim is proven by exercising it."""

__version__ = "0.1.0"
