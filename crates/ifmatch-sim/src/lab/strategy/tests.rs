//! Each strategy against a target that answers from a script.
