//! Lists: one page, or all of them.

use std::fmt;

use bytes::Bytes;
use clap::Args;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Call, Client};
use crate::output::{self, Column, Format, Record};

/// Which part of a list is wanted.
#[derive(Args)]
pub(crate) struct PageFlags {
    /// Follow the list to its end
    #[arg(long)]
    all: bool,
    /// Records of a page, at most 100
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Where the page before said that the list goes on
    #[arg(long, value_name = "CURSOR")]
    cursor: Option<String>,
}

#[derive(Deserialize)]
struct Page {
    data: Vec<Box<RawValue>>,
    next_cursor: Option<String>,
}

impl PageFlags {
    /// The records, and where the list goes on.
    async fn fetch<'a>(
        &self,
        client: &Client,
        call: impl Fn() -> Call<'a>,
    ) -> anyhow::Result<(Vec<Record>, Option<String>)> {
        // A list that is read to its end is read in the largest pages.
        let limit = self.limit.or(self.all.then_some(100));
        let mut cursor = self.cursor.clone();
        let mut records = Vec::new();
        loop {
            let call = call().query("limit", limit).query("cursor", cursor.take());
            let answer = client.send(call).await?;
            let page: Page = read(&answer.body, || client.not_ours(answer.status))?;
            for text in page.data {
                records.push(Record::new(text)?);
            }
            if !self.all || page.next_cursor.is_none() {
                return Ok((records, page.next_cursor));
            }
            cursor = page.next_cursor;
        }
    }
}

fn read<T: for<'a> Deserialize<'a>>(
    body: &Bytes,
    error: impl FnOnce() -> super::ClientError,
) -> Result<T, super::ClientError> {
    serde_json::from_slice(body).map_err(|_| error())
}

/// Fetches and prints a list.
pub(crate) async fn print_page<'a>(
    client: &Client,
    call: impl Fn() -> Call<'a>,
    flags: &PageFlags,
    format: Format,
    columns: &[Column],
) -> anyhow::Result<()> {
    let (records, next) = flags.fetch(client, call).await?;
    output::print_list(format, &records, columns)?;
    if let Some(cursor) = next {
        output::note(More { cursor });
    }
    Ok(())
}

/// Says how to see the rest of a list.
struct More {
    cursor: String,
}

impl fmt::Display for More {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "There is more: add --all, or --cursor {}", self.cursor)
    }
}
