"""``linli bench``: the product's own measurements, each beside a baseline of the same minutes."""
