//! Which characters a text that people read may have, so that it is what it looks like.

/// Control characters, and what is invisible or turns the direction of writing: with them one name
/// looks like another (UTS #39, 3.1; UAX #9, 2).
///
/// Joiners (U+200C, U+200D) are no such: names in Persian and Hindi are spelled with them, and many
/// emoji are made of them. Neither are variation selectors, which choose between two looks.
pub fn is_deceptive(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            // Soft hyphen, grapheme joiner, Arabic letter mark, Mongolian vowel separator.
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}'
            // Fillers of Hangul and Khmer, which take room and show nothing.
            | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{3164}' | '\u{ffa0}'
            | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{feff}'
            // Separators of lines, then embeddings, overrides and isolates.
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            // Annotations, formats of shorthand and music, tags.
            | '\u{fff9}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_turns_or_hides_is_deceptive() {
        for letter in [
            '\0',
            '\n',
            '\u{7f}',
            '\u{85}',
            '\u{ad}',
            '\u{61c}',
            '\u{200b}',
            '\u{200e}',
            '\u{2028}',
            '\u{202a}',
            '\u{202e}',
            '\u{2060}',
            '\u{2066}',
            '\u{2069}',
            '\u{3164}',
            '\u{feff}',
            '\u{fffa}',
            '\u{e0041}',
            '\u{e0100}',
        ] {
            assert!(is_deceptive(letter), "{letter:?}");
        }
    }

    #[test]
    fn every_script_and_emoji_can_be_written() {
        for text in [
            "Klinik Südwest 2.0 (Tagesklinik)",
            "مستشفى الشمال",
            "מרפאת הצפון",
            "می\u{200c}خواهم",
            "क्\u{200d}ष",
            "北医院",
            "👩\u{200d}⚕\u{fe0f} 🏥",
            "a<b>&\"'\u{a0}–",
        ] {
            assert!(!text.chars().any(is_deceptive), "{text}");
        }
    }
}
