//! The examples in Rust, compiled as they stand on the pages.

#![expect(
    unreachable_pub,
    reason = "readers copy them into modules of their own"
)]

#[path = "../../../../../docs/user/snippets/decoda.rs"]
pub(super) mod decoda;
#[path = "../../../../../docs/user/snippets/ecg.rs"]
pub(super) mod ecg;
#[path = "../../../../../docs/user/snippets/jump.rs"]
pub(super) mod jump;
#[path = "../../../../../docs/user/snippets/standard.rs"]
pub(super) mod standard;
