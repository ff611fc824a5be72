"""FundLaunch: a crowdfunding campaign engine tied to product launches."""

__version__ = "0.1.0"
