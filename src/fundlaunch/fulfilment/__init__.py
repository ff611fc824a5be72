"""Fulfilment: addresses and the lists a creator takes out."""
