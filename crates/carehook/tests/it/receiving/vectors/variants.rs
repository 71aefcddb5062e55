//! What may happen to a delivery on its way, and what a receiver may know.

use carehook_core::{Dialect, Secret, sign_text, write_python_json};

use super::Vector;
use super::deliveries::{
    Content, Delivery, SENT_AT, deliver, secrets, signature_header, time_header,
};

const PLAIN: Content = Content {
    event_type: "patient.updated",
    data: r#"{"id":"pat_1","status":"active"}"#,
    previous: Some(r#"{"status":"waiting"}"#),
};
/// Letters of two, three and four bytes, an escape, and numbers that JSON libraries print anew.
const FOREIGN: Content = Content {
    data: concat!(
        r#"{"id":"pat_1","family_name":"Šťastná-Müller","note":"日本語 😀 \u00e9 \/","#,
        r#""height_m":1.10,"cells":1E5,"ratio":1e-7,"serial":123456789012345678901234567890}"#
    ),
    ..PLAIN
};

/// How deliveries of a dialect are tried out.
fn ping(dialect: Dialect) -> Content {
    let event_type = if dialect == Dialect::Mycure {
        "ping"
    } else {
        "test.ping"
    };
    Content {
        event_type,
        data: r#"{"message":"This is a test event from Carehook."}"#,
        previous: None,
    }
}

/// The name of a vector, what happens to a header's value, and why it is refused.
type HeaderChange = (&'static str, fn(&str) -> String, &'static str);

/// Writes down vectors that share a dialect.
struct Maker {
    dialect: Dialect,
    vectors: Vec<Vector>,
}

pub(super) fn all(dialect: Dialect) -> Vec<Vector> {
    let mut maker = Maker {
        dialect,
        vectors: Vec::new(),
    };
    maker.genuine();
    maker.changed_on_the_way();
    maker.with_other_headers();
    maker.at_other_times();
    maker.during_a_rotation();
    match dialect {
        Dialect::Native | Dialect::Mycure => maker.of_standard_webhooks(),
        Dialect::Jump => maker.of_jump(),
        Dialect::Decoda | Dialect::Ecg => {}
    }
    maker.vectors
}

impl Maker {
    fn deliver(&self, content: Content) -> Delivery {
        deliver(self.dialect, content, &secrets(self.dialect)[..1])
    }

    /// A request that a receiver with the right secret gets at once.
    fn add(&mut self, name: &str, delivery: Delivery, verdict: Result<&'static str, &'static str>) {
        let (reason, valid) = match verdict {
            Ok(reason) => (reason, true),
            Err(reason) => (reason, false),
        };
        let dialect = self.dialect.as_str();
        self.vectors.push(Vector {
            name: format!("{dialect}: {name}"),
            dialect,
            secrets: vec![secrets(self.dialect)[0].to_owned()],
            headers: delivery.headers,
            body: delivery.body,
            now: SENT_AT.seconds(),
            valid,
            reason,
        });
    }

    fn genuine(&mut self) {
        let (plain, foreign) = (self.deliver(PLAIN), self.deliver(FOREIGN));
        self.add("as delivered", plain, Ok("genuine"));
        let why = "genuine: the bytes are what is signed, whatever they are";
        self.add("letters and numbers of every kind", foreign, Ok(why));
        let ping = self.deliver(ping(self.dialect));
        self.add("a test event", ping, Ok("genuine"));
    }

    fn changed_on_the_way(&mut self) {
        let mut changed = self.deliver(PLAIN);
        changed.body = changed.body.replace("pat_1", "pat_2");
        self.add("a changed body", changed, Err("the body was changed"));
        let mut longer = self.deliver(PLAIN);
        longer.body.push('\n');
        // Decoda's vendor parses the body first, and so does not see such a change.
        if self.dialect != Dialect::Decoda {
            self.add("one more byte", longer, Err("the body was changed"));
            let mut printed = Vec::new();
            let mut again = self.deliver(FOREIGN);
            write_python_json(again.body.as_bytes(), &mut printed);
            again.body = String::from_utf8(printed).unwrap();
            let why = "the body was parsed and printed again";
            self.add("another spelling of the same JSON", again, Err(why));
        }
        let mut stranger = self.deliver(PLAIN);
        let foreign = deliver(self.dialect, PLAIN, &secrets(self.dialect)[2..]);
        stranger.headers = foreign.headers;
        let why = "signed with a secret that the receiver does not know";
        self.add("signed by a stranger", stranger, Err(why));
    }

    fn with_other_headers(&mut self) {
        let name = signature_header(self.dialect);
        self.add_changes(
            name,
            &[
                (
                    "a wrong signature",
                    one_sign_off,
                    "the signature does not fit",
                ),
                (
                    "half a signature",
                    |s| s[..s.len() / 2].to_owned(),
                    "the signature is not whole",
                ),
                (
                    "an empty signature",
                    |_| String::new(),
                    "there is no signature",
                ),
                (
                    "a signature that is not ASCII",
                    |_| "v1,é".to_owned(),
                    "this is no signature",
                ),
            ],
        );
        let mut without = self.deliver(PLAIN);
        without.headers.remove(name);
        self.add("no signature header", without, Err("a header is missing"));
    }

    fn add_changes(&mut self, header: &str, changes: &[HeaderChange]) {
        for (title, change, why) in changes {
            let mut delivery = self.deliver(PLAIN);
            let value = delivery.headers.get_mut(header).unwrap();
            *value = change(value);
            self.add(title, delivery, Err(why));
        }
    }

    fn at_other_times(&mut self) {
        let now = SENT_AT.seconds();
        let late_is_valid = time_header(self.dialect).is_none();
        for (title, clock, away) in [
            ("almost five minutes late", now + 299, false),
            (
                "the receiver's clock is almost five minutes slow",
                now - 299,
                false,
            ),
            ("replayed after more than five minutes", now + 302, true),
            ("replayed after a day", now + 86_400, true),
            ("from more than five minutes ahead", now - 302, true),
        ] {
            let verdict = match (away, late_is_valid) {
                (false, _) => Ok("within the window"),
                (true, true) => Ok("this header has no time, so its age cannot be seen"),
                (true, false) => Err("outside the window of five minutes"),
            };
            let delivery = self.deliver(PLAIN);
            self.add(title, delivery, verdict);
            self.last().now = clock;
        }
        let Some(name) = time_header(self.dialect) else {
            return;
        };
        self.add_changes(
            name,
            &[
                (
                    "a changed time",
                    one_digit_off,
                    "the time was changed; it is signed too",
                ),
                (
                    "a time that is no number",
                    |_| "today".to_owned(),
                    "this is no time",
                ),
                ("an empty time", |_| String::new(), "there is no time"),
            ],
        );
        let mut without = self.deliver(PLAIN);
        without.headers.remove(name);
        self.add("no time header", without, Err("a header is missing"));
    }

    fn during_a_rotation(&mut self) {
        let [new, old, stranger] = secrets(self.dialect);
        let one_value = matches!(self.dialect, Dialect::Decoda | Dialect::Ecg);
        let with_old = if one_value {
            Err("this header has room for one signature: that of the newest secret")
        } else {
            Ok("signed with both secrets")
        };
        let newest = Ok("signed with the newest secret");
        let cases = [
            (
                "during a rotation, a receiver with the new secret",
                vec![new],
                newest,
            ),
            (
                "during a rotation, a receiver with the old secret",
                vec![old],
                with_old,
            ),
            (
                "during a rotation, a receiver with both",
                vec![old, new],
                newest,
            ),
            (
                "during a rotation, a receiver with another secret",
                vec![stranger],
                Err("signed with secrets that the receiver does not know"),
            ),
        ];
        for (title, known, verdict) in cases {
            let delivery = deliver(self.dialect, PLAIN, &[new, old]);
            self.add(title, delivery, verdict);
            self.last().secrets = known.into_iter().map(str::to_owned).collect();
        }
        let before = deliver(self.dialect, PLAIN, &[old]);
        let why = Ok("signed with the old secret, which the receiver still knows");
        self.add("before a rotation, a receiver with both", before, why);
        self.last().secrets = vec![new.to_owned(), old.to_owned()];
    }

    fn of_standard_webhooks(&mut self) {
        let mut other = self.deliver(PLAIN);
        other
            .headers
            .insert("webhook-id".to_owned(), "evt_2".to_owned());
        self.add(
            "a changed id",
            other,
            Err("the id was changed; it is signed too"),
        );
        let mut versions = self.deliver(PLAIN);
        let value = versions.headers.get_mut("webhook-signature").unwrap();
        *value = format!("v2,bmV3 v1a,c2lnbmVk {value}");
        let why = "entries of versions that one does not know are passed over";
        self.add("signatures of other versions too", versions, Ok(why));
        let mut renamed = self.deliver(PLAIN);
        let value = renamed.headers.get_mut("webhook-signature").unwrap();
        *value = value.replace("v1,", "v2,");
        self.add(
            "only another version",
            renamed,
            Err("no entry is of version v1"),
        );
    }

    fn of_jump(&mut self) {
        let mut decoded = self.deliver(PLAIN);
        let stamp = format!("{}.", SENT_AT.seconds());
        // The 32 bytes of the first secret are ASCII, and so a text.
        let key: String = (0..32_u8).map(char::from).collect();
        let signature = sign_text(&Secret::new(key), &stamp, decoded.body.as_bytes());
        let name = signature_header(self.dialect).to_owned();
        decoded.headers.insert(name, signature);
        let why = "the key is the whole text of the secret, not what its base64 says";
        self.add("signed with the decoded secret", decoded, Err(why));
    }

    fn last(&mut self) -> &mut Vector {
        self.vectors.last_mut().unwrap()
    }
}

/// Another sign of the same alphabet at a place that counts.
fn one_sign_off(text: &str) -> String {
    let sign = if &text[9..10] == "a" { "b" } else { "a" };
    format!("{}{sign}{}", &text[..9], &text[10..])
}

/// One second or hundredth earlier or later.
fn one_digit_off(text: &str) -> String {
    let (head, last) = text.split_at(text.len() - 1);
    format!("{head}{}", if last == "1" { 2 } else { 1 })
}
