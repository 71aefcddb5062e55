//! The console in a real browser, over the real program and real receivers.

mod accessibility;
mod browser;
mod first_visit;
mod flow;
mod forms;
mod frames;
mod hostile;
mod identity_provider;
mod keyboard;
mod live;
mod main_pages;
mod phone;
mod portal;
mod repairing;
mod scene;
mod transfer;
mod webdriver;
