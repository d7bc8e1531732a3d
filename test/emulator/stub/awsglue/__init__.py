"""A stand-in for Glue's own library: what our jobs use of it, as Glue 5.0 behaves. It is no part of the product."""
