"""What the Glue jobs share. Modules that need Spark import it when they are imported; a Python shell job imports none of them."""
