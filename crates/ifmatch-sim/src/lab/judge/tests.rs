//! Ledgers made by hand, in which the judge must find what is wrong.
