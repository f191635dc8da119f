"""A model trained on a city's labelled letters: features, the linear model itself, training, calibration, storage.

Serving needs ``store.load`` alone (numpy and the segmenter); training also scikit-learn's helpers and scipy.
"""
