//! The files that pages refer to: inside the program, under names that change with their content.

use std::sync::LazyLock;

use axum::Router;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::header;

/// A file that pages refer to.
#[derive(Clone, Copy)]
struct Asset {
    name: &'static str,
    media_type: &'static str,
    content: &'static [u8],
}

const STYLE: Asset = Asset {
    name: "console.css",
    media_type: "text/css; charset=utf-8",
    content: include_bytes!("../assets/console.css"),
};
const SCRIPT: Asset = Asset {
    name: "console.js",
    media_type: "text/javascript; charset=utf-8",
    content: include_bytes!("../assets/console.js"),
};
const HTMX: Asset = Asset {
    name: "htmx.js",
    media_type: "text/javascript; charset=utf-8",
    content: include_bytes!("../assets/vendor/htmx-4.0.1.min.js"),
};
const LIVE: Asset = Asset {
    name: "live.js",
    media_type: "text/javascript; charset=utf-8",
    content: include_bytes!("../assets/live.js"),
};
const ICON: Asset = Asset {
    name: "icon.svg",
    media_type: "image/svg+xml",
    content: include_bytes!("../assets/icon.svg"),
};

/// Where the files are found; templates print these.
pub(crate) struct AssetPaths {
    pub(crate) style: String,
    pub(crate) script: String,
    pub(crate) htmx: String,
    pub(crate) live: String,
    pub(crate) icon: String,
}

/// The paths of this build.
pub(crate) static PATHS: LazyLock<AssetPaths> = LazyLock::new(|| AssetPaths {
    style: STYLE.path(),
    script: SCRIPT.path(),
    htmx: HTMX.path(),
    live: LIVE.path(),
    icon: ICON.path(),
});

impl Asset {
    /// A browser may keep the file for ever, since another content has another path.
    fn path(self) -> String {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, self.content);
        let version = hex::encode(digest.as_ref().get(..6).unwrap_or_default());
        format!("/console/assets/{version}/{}", self.name)
    }

    fn shown(self) -> Response {
        let headers = [
            (header::CONTENT_TYPE, self.media_type),
            (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        ];
        (headers, self.content).into_response()
    }
}

/// Routes to all files; nobody has to be signed in for them.
pub(crate) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let assets = [STYLE, SCRIPT, HTMX, LIVE, ICON];
    assets.into_iter().fold(Router::new(), |router, asset| {
        let path = asset.path();
        router.route(&path, get(async move || asset.shown()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `console.md`: one stylesheet under 20 KiB, scripts under 60 KiB together.
    #[test]
    fn the_files_stay_within_their_budgets() {
        assert!(STYLE.content.len() < 20 * 1024, "{}", STYLE.content.len());
        let scripts = [SCRIPT, HTMX, LIVE].map(|script| script.content.len());
        let together: usize = scripts.iter().sum();
        assert!(together < 60 * 1024, "{together}");
    }
}
