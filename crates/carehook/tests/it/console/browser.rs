//! A person at a browser: finds things by what they are called, clicks, types and reads.
//!
//! Whatever breaks the page's policy or a script of it fails the test, when the browser is closed.

use std::time::Instant;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::webdriver::{PATIENCE, Session};

/// The key under which the protocol hands out elements.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

pub(crate) const ENTER: char = '\u{e007}';
pub(crate) const TAB: char = '\u{e004}';
pub(crate) const ESCAPE: char = '\u{e00c}';

pub(crate) struct Browser {
    session: Session,
    base: String,
}

/// Something on the page.
struct Element(String);

impl Browser {
    /// Opens a window for the pages of a server.
    pub(crate) fn at(base: &str) -> Self {
        let browser = Self {
            session: Session::start(),
            base: base.to_owned(),
        };
        browser.prefers("light");
        browser.has_size(1280, 800);
        browser
    }

    /// Goes to an address: a whole one, or a path of the server.
    pub(crate) fn open(&self, address: &str) {
        let url = match address.strip_prefix('/') {
            Some(path) => format!("{}/{path}", self.base),
            None => address.to_owned(),
        };
        self.session.post("/url", &json!({"url": url})).unwrap();
    }

    /// Loads the page again; a form that led to it is sent again.
    pub(crate) fn reload(&self) {
        self.session.post("/refresh", &json!({})).unwrap();
    }

    /// Goes back to the page before.
    pub(crate) fn back(&self) {
        self.session.post("/back", &json!({})).unwrap();
    }

    /// Looks at what is inside the only frame of the page from now on.
    #[track_caller]
    pub(crate) fn enter_frame(&self) {
        let Element(id) = self.find("//iframe");
        self.command("/frame", &json!({"id": {ELEMENT: id}}));
    }

    /// Looks at the whole page again.
    pub(crate) fn leave_frame(&self) {
        self.command("/frame", &json!({"id": null}));
    }

    /// Where it is: path and query.
    pub(crate) fn address(&self) -> String {
        let url = self.session.get("/url").unwrap();
        let url = url.as_str().unwrap();
        url.strip_prefix(&self.base).unwrap_or(url).to_owned()
    }

    /// Waits until it is somewhere.
    #[track_caller]
    pub(crate) fn arrives_at(&self, address: &str) {
        let deadline = Instant::now() + PATIENCE;
        while self.address() != address {
            let here = self.address();
            assert!(Instant::now() < deadline, "at {here}, not at {address}");
        }
    }

    /// Follows the link with this text.
    #[track_caller]
    pub(crate) fn follow(&self, text: &str) {
        let text = quoted(text);
        self.click(&format!(
            "//a[normalize-space(.)={text} or @aria-label={text}]"
        ));
    }

    /// Presses the button with this name.
    #[track_caller]
    pub(crate) fn press(&self, name: &str) {
        let name = quoted(name);
        self.click(&format!(
            "//button[normalize-space(.)={name} or @aria-label={name}]"
        ));
    }

    /// Types into the field with this label, in place of what stands there.
    #[track_caller]
    pub(crate) fn fill(&self, label: &str, text: &str) {
        let Element(id) = self.find(&field(label));
        self.command(&format!("/element/{id}/clear"), &json!({}));
        self.command(&format!("/element/{id}/value"), &json!({"text": text}));
    }

    /// Opens what is folded under this heading.
    #[track_caller]
    pub(crate) fn unfold(&self, text: &str) {
        self.click(&format!("//summary[normalize-space(.)={}]", quoted(text)));
    }

    /// Ticks the box, or takes the choice, with this label.
    #[track_caller]
    pub(crate) fn tick(&self, label: &str) {
        self.click(&field(label));
    }

    /// A picture of the window, as PNG.
    pub(crate) fn picture(&self) -> Vec<u8> {
        let picture = self.session.get("/screenshot").unwrap();
        BASE64_STANDARD.decode(picture.as_str().unwrap()).unwrap()
    }

    /// Waits until the content of the page says this.
    #[track_caller]
    pub(crate) fn sees(&self, text: &str) {
        let text = quoted(text);
        let found = self.look_for(&format!("//main[contains(normalize-space(.), {text})]"));
        assert!(found.is_some(), "no {text} on the page:\n{}", self.text());
    }

    /// Waits until a row of a table says all of this.
    #[track_caller]
    pub(crate) fn sees_row(&self, texts: &[&str]) {
        let all: Vec<String> = texts
            .iter()
            .map(|text| format!("contains(normalize-space(.), {})", quoted(text)))
            .collect();
        let found = self.look_for(&format!("//main//tr[{}]", all.join(" and ")));
        assert!(found.is_some(), "no row {texts:?}:\n{}", self.text());
    }

    /// Waits until there is such an element; whether there came to be one.
    pub(crate) fn shows(&self, path: &str) -> bool {
        self.look_for(path).is_some()
    }

    /// All that can be read on the page.
    pub(crate) fn text(&self) -> String {
        let text = self.run("return document.body.innerText");
        text.as_str().unwrap_or_default().to_owned()
    }

    /// What the focused element says of itself: its id, or its text.
    pub(crate) fn focus(&self) -> String {
        let focus = "const e = document.activeElement; return e.id || e.innerText.trim()";
        self.run(focus).as_str().unwrap_or_default().to_owned()
    }

    /// Presses keys, one after the other, wherever the focus is.
    pub(crate) fn keys(&self, keys: impl IntoIterator<Item = char>) {
        let presses = keys.into_iter().flat_map(|key| {
            ["keyDown", "keyUp"].map(|kind| json!({"type": kind, "value": key.to_string()}))
        });
        let presses: Vec<Value> = presses.collect();
        let keyboard = json!({"type": "key", "id": "keyboard", "actions": presses});
        self.command("/actions", &json!({"actions": [keyboard]}));
    }

    /// Runs a script in the page, past its policy, and waits for what it promises.
    #[track_caller]
    pub(crate) fn run(&self, script: &str) -> Value {
        self.command("/execute/sync", &json!({"script": script, "args": []}))
    }

    /// Whether the system of the reader is `light` or `dark`; nothing moves in either.
    pub(crate) fn prefers(&self, colours: &str) {
        let features = json!([
            {"name": "prefers-color-scheme", "value": colours},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]);
        let command = "Emulation.setEmulatedMedia";
        self.session
            .devtools(command, &json!({"features": features}));
    }

    pub(crate) fn has_size(&self, width: u32, height: u32) {
        let size =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        let command = "Emulation.setDeviceMetricsOverride";
        self.session.devtools(command, &size);
    }

    /// Forgets the files that it has kept, as a browser that comes for the first time.
    pub(crate) fn forget_files(&self) {
        let nothing = json!({});
        self.session.devtools("Network.clearBrowserCache", &nothing);
    }

    /// What the browser complained about since the last look: the policy, scripts, missing files.
    pub(crate) fn complaints(&self) -> Vec<String> {
        // The log comes a little later than what it is about; what is before the mark is complete.
        self.run("console.info('the mark'); return new Promise(requestAnimationFrame)");
        let mut complaints = Vec::new();
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            let log = self.session.post("/se/log", &json!({"type": "browser"}));
            let log = log.unwrap();
            let entries = log.as_array().unwrap();
            complaints.extend(entries.iter().filter_map(complaint));
            let is_mark = |entry: &Value| told(entry).contains("the mark");
            if entries.iter().any(is_mark) {
                return complaints;
            }
        }
        panic!("the browser keeps no log");
    }

    #[track_caller]
    fn click(&self, path: &str) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let Element(id) = self.find(path);
            let clicked = self
                .session
                .post(&format!("/element/{id}/click"), &json!({}));
            match clicked {
                Ok(_) => return,
                // The page was exchanged for the next one between the look and the click.
                Err(refusal)
                    if refusal.error == "stale element reference" && Instant::now() < deadline => {}
                Err(refusal) => panic!("{path}: {refusal}\n{}", self.text()),
            }
        }
    }

    #[track_caller]
    fn find(&self, path: &str) -> Element {
        let found = self.look_for(path);
        found.unwrap_or_else(|| panic!("no {path} at {}:\n{}", self.address(), self.text()))
    }

    /// Looks for an element until the patience of the driver ends.
    #[track_caller]
    fn look_for(&self, path: &str) -> Option<Element> {
        let query = json!({"using": "xpath", "value": path});
        match self.session.post("/element", &query) {
            Ok(found) => Some(Element(found[ELEMENT].as_str().unwrap().to_owned())),
            Err(refusal) if refusal.error == "no such element" => None,
            Err(refusal) => panic!("{path}: {refusal}"),
        }
    }

    #[track_caller]
    fn command(&self, command: &str, body: &Value) -> Value {
        let answer = self.session.post(command, body);
        answer.unwrap_or_else(|refusal| panic!("{command}: {refusal}\n{}", self.text()))
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let complaints = self.complaints();
            assert!(complaints.is_empty(), "{complaints:#?}");
        }
    }
}

fn told(entry: &Value) -> &str {
    entry["message"].as_str().unwrap_or_default()
}

/// An entry of the log, if a reader would call it a fault.
fn complaint(entry: &Value) -> Option<String> {
    // A page that answers 404 or 422 is no fault; a file of ours that does is one.
    let is_page = entry["source"] == "network" && !told(entry).contains("/console/assets/");
    let is_bad = entry["level"] == "SEVERE" && !is_page;
    is_bad.then(|| format!("{}: {}", entry["source"], told(entry)))
}

/// The field that a label belongs to: named by it, or inside it.
fn field(label: &str) -> String {
    let label = format!("//label[normalize-space(.)={}]", quoted(label));
    format!("//*[@id={label}/@for] | {label}//*[self::input or self::select or self::textarea]")
}

/// A text in an `XPath`, which knows no way to escape a quote.
fn quoted(text: &str) -> String {
    if text.contains('"') {
        assert!(!text.contains('\''), "{text}");
        format!("'{text}'")
    } else {
        format!("\"{text}\"")
    }
}
