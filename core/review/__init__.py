"""Which labels are probably wrong and which are probably missing: arrays in, arrays out."""
