"""A definition's folder -> a `Protocol`: its shapes, what is made of them, and what is held against its meaning."""
