//! Which pages there are: everything that the navigation leads to, and what is opened from there.

use std::error::Error;

use crate::reader::Reader;

/// What the pages of an organization are asked for besides what the navigation names.
const ASKED: &[&str] = &[
    "?range=1h",
    "?range=7d",
    "?range=30d",
    "/log?state=failed",
    "/log?state=pending",
    "/log?subject=nobody",
    "/webhooks/new",
];

/// The addresses of all main pages, each once.
pub(crate) async fn pages(
    reader: &Reader,
    organization: &str,
) -> Result<Vec<String>, Box<dyn Error>> {
    let overview = format!("/console/o/{organization}");
    let first = reader.page(&overview).await?;
    let navigation = first.split("<nav aria-label=\"Main\">").nth(1);
    let navigation = navigation.and_then(|rest| rest.split("</nav>").next());
    let mut pages = links(navigation.ok_or("there is no navigation")?, "/console");
    pages.extend(ASKED.iter().map(|page| format!("{overview}{page}")));
    pages.push("/console/operations?range=30d".to_owned());
    for (list, opened) in [("webhooks", "webhooks/"), ("log", "deliveries/")] {
        let list = reader.page(&format!("{overview}/{list}")).await?;
        let opened = links(&list, &format!("{overview}/{opened}"));
        let mut opened = opened.into_iter().filter(|page| !page.ends_with("/new"));
        let opened = opened.next().ok_or("a list is empty")?;
        let page = reader.page(&opened).await?;
        pages.extend(links(&page, &opened));
        pages.push(opened);
    }
    pages.sort();
    pages.dedup();
    Ok(pages)
}

/// Where links lead whose address begins so.
fn links(html: &str, beginning: &str) -> Vec<String> {
    let links = html.split("<a ").skip(1);
    let links = links.filter_map(|link| link.split("href=\"").nth(1)?.split('"').next());
    let ours = links.filter(|link| link.starts_with(beginning));
    ours.map(|link| link.replace("&#38;", "&")).collect()
}
