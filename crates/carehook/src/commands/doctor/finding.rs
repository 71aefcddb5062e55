//! What a check found.

use std::fmt;

/// How good it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grade {
    Fine,
    Warning,
    Failed,
}

/// One line of the report, and what to do about it.
#[derive(Debug)]
pub(super) struct Finding {
    pub(super) grade: Grade,
    subject: &'static str,
    detail: String,
    advice: Option<String>,
}

impl Finding {
    pub(super) fn fine(subject: &'static str, detail: impl Into<String>) -> Self {
        Self {
            grade: Grade::Fine,
            subject,
            detail: detail.into(),
            advice: None,
        }
    }

    pub(super) fn warning(
        subject: &'static str,
        detail: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self {
            grade: Grade::Warning,
            advice: Some(advice.into()),
            ..Self::fine(subject, detail)
        }
    }

    pub(super) fn failed(
        subject: &'static str,
        detail: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self {
            grade: Grade::Failed,
            ..Self::warning(subject, detail, advice)
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let grade = match self.grade {
            Grade::Fine => "ok",
            Grade::Warning => "WARN",
            Grade::Failed => "FAIL",
        };
        write!(f, "{grade:<5} {:<15} {}", self.subject, self.detail)?;
        if let Some(advice) = &self.advice {
            write!(f, "\n      {:<15} -> {advice}", "")?;
        }
        Ok(())
    }
}
