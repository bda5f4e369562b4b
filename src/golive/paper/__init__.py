"""Pages that stand alone: HTML and SVG without script or outside address. Pure."""
