//! Whole-program tests: the real binary, real connections, real signals.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the message")]

mod api;
mod audit;
mod clients;
mod command;
mod configuration;
mod connections;
mod console;
mod decoda;
mod demo;
mod erasures;
mod failing_disk;
mod five_receivers;
mod help;
mod judges;
mod keys;
mod large_bodies;
mod lifecycle;
mod mails;
mod maintenance;
mod master_key;
mod organizations;
mod payloads;
mod privacy;
mod publish;
mod python_clients;
mod quick_start;
mod receiving;
mod replays;
mod server;
mod tokens;
mod verify;
