//! Every page, asked for over HTTP without a network, by people with different rights.

mod keys;
mod signing_in;
mod world;
