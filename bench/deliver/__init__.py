"""How alerts get there: how fast, beside ill receivers, and when workers are killed."""
