//! Who gets in, with what, and for how long.
