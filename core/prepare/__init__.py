"""From keyworded images to training, validation and test set: arrays in, arrays out."""
