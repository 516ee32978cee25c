"""How good the product is at its work, measured on labelled mail. One module a question, and the share they answer in."""
