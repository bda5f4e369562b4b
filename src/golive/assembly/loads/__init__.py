"""Load joined to a service: what is wished for, how it is made, what is kept of it, and with what it compares."""
