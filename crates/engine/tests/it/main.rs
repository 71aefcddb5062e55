//! The engine with a real store and real receivers, its clock moved by hand.

mod attempts;
mod by_hand;
mod challenges;
mod credentials;
mod endpoints;
mod janitor;
mod lifecycle;
mod mails;
mod payloads;
mod replays;
mod world;
