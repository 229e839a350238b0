//! Plots and page from figures made by hand.
