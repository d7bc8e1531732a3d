"""What the Glue jobs share. Some modules import Spark; the runner of scripts imports none of them."""
