//! How a fault is written.

use std::time::Duration;

use super::{Answer, Content, Fault, Times, What};
use crate::emulator::world::{Ending, Status};
use crate::names::{Parse, RegionId};

const METHODS: [&str; 8] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "*", "COPY"];

impl Fault {
    /// Parses a fault: `POST sync_repo: 503 x2`.
    ///
    /// # Errors
    /// The broken rule, in words that follow the text.
    pub fn parse(text: &str) -> Result<Fault, String> {
        let (call, what) = text
            .split_once(": ")
            .ok_or("must be METHOD PATTERN: WHAT, like 'POST sync_repo: 503 x2'")?;
        let (method, pattern) = call
            .trim()
            .split_once(' ')
            .ok_or("a method and a pattern must come before ': ', like 'POST sync_repo'")?;
        if !METHODS.contains(&method) {
            return Err(format!(
                "unknown method '{method}'; known: {}",
                METHODS.join(", ")
            ));
        }
        let (pattern, region) = match pattern.trim().rsplit_once('@') {
            None => (pattern.trim(), None),
            Some((pattern, region)) => {
                let region = RegionId::parse(region)
                    .map_err(|error| format!("invalid region '{region}': {}", error.rule))?;
                (pattern, Some(region))
            }
        };
        if pattern.is_empty() {
            return Err("the pattern is empty; '*' matches every path".to_owned());
        }
        let mut words = Words::default();
        words.read(what)?;
        words.into_fault(method, pattern, region)
    }
}

/// What was read of the part behind the colon.
#[derive(Default)]
struct Words {
    answer: Answer,
    other: Option<What>,
    done: bool,
    times: Option<Times>,
    after: u32,
    every: Option<u32>,
}

impl Words {
    fn read(&mut self, text: &str) -> Result<(), String> {
        let mut rest = text.trim_start();
        while !rest.is_empty() {
            if let Some(body) = rest.strip_prefix("body=") {
                return self.content(Content::Text(body.to_owned()));
            }
            let (word, behind) = rest.split_once(' ').unwrap_or((rest, ""));
            self.word(word)?;
            rest = behind.trim_start();
        }
        Ok(())
    }

    fn word(&mut self, word: &str) -> Result<(), String> {
        if let Some((name, value)) = word.split_once('=') {
            return self.assignment(name, value);
        }
        match word {
            "html" => self.content(Content::Html),
            "empty" => self.content(Content::Empty),
            "null" => self.content(Content::Null),
            "shape" => self.content(Content::Shape),
            "endless" => self.content(Content::Endless),
            "huge" => self.content(Content::Huge),
            "done" => {
                self.done = true;
                Ok(())
            }
            "cut" => self.other(What::Cut { done: false }),
            "cut-after" => self.other(What::Cut { done: true }),
            "torn" => self.other(What::Torn),
            "close" => self.other(What::Close),
            "slow" => self.other(What::Stall { done: false }),
            "slow-after" => self.other(What::Stall { done: true }),
            "failed" => self.other(What::Copy(Ending::With(Status::Failed))),
            "timeout" => self.other(What::Copy(Ending::With(Status::Timeout))),
            "cancel" => self.other(What::Copy(Ending::With(Status::Cancel))),
            "stuck" => self.other(What::Copy(Ending::Never)),
            "late" => self.other(What::Copy(Ending::Later)),
            _ => self.number(word),
        }
    }

    fn assignment(&mut self, name: &str, value: &str) -> Result<(), String> {
        match name {
            "after" => self.after = count(name, value)?,
            "every" => self.every = Some(count(name, value)?.max(1)),
            "retry-after" => self.answer.retry_after = Some(value.to_owned()),
            "redirect" => self.answer.location = Some(value.to_owned()),
            "slow" => {
                let late: jiff::SignedDuration = value.parse().map_err(|_| {
                    format!("invalid duration '{value}': must be like '2s' or '500ms'")
                })?;
                return self.other(What::Delay(Duration::try_from(late).unwrap_or_default()));
            }
            _ => return Err(format!("'{name}=' is not known")),
        }
        Ok(())
    }

    /// A status, a code, or how often.
    fn number(&mut self, word: &str) -> Result<(), String> {
        if let Some(times) = word.strip_prefix('x') {
            self.times = Some(match times {
                "*" => Times::Always,
                _ => Times::Counted(count("x", times)?),
            });
            return Ok(());
        }
        let digits = word.bytes().all(|byte| byte.is_ascii_digit());
        let status = word
            .parse()
            .ok()
            .filter(|status| (200..=599).contains(status));
        match (self.answer.status, status) {
            (None, Some(status)) if word.len() == 3 => self.answer.status = Some(status),
            (Some(_), _) if self.answer.code.is_none() && (is_foreign_code(word) || digits) => {
                self.answer.code = Some(word.to_owned());
            }
            _ => return Err(format!("'{word}' is not known")),
        }
        Ok(())
    }

    fn content(&mut self, content: Content) -> Result<(), String> {
        match self.answer.content.replace(content) {
            None => Ok(()),
            Some(_) => Err("it names two bodies".to_owned()),
        }
    }

    fn other(&mut self, what: What) -> Result<(), String> {
        match self.other.replace(what) {
            None => Ok(()),
            Some(_) => Err("it names two faults".to_owned()),
        }
    }

    fn into_fault(
        self,
        method: &str,
        pattern: &str,
        region: Option<RegionId>,
    ) -> Result<Fault, String> {
        let answers = self.answer != Answer::default();
        let what = match (self.other, answers) {
            (Some(_), true) => return Err("it names two faults".to_owned()),
            (None, false) => {
                return Err("no fault is named, like '503' or 'cut'".to_owned());
            }
            (None, true) if self.answer.status.is_none() && self.answer.retry_after.is_some() => {
                return Err("'retry-after=' needs a status, like '429'".to_owned());
            }
            (Some(What::Cut { .. }), false) if self.done => What::Cut { done: true },
            (Some(other), false) => other,
            (None, true) => What::Answer {
                answer: self.answer,
                done: self.done,
            },
        };
        if matches!(what, What::Copy(_)) != (method == "COPY") {
            return Err(
                "failed, timeout, cancel, stuck and late go with COPY, and COPY with them"
                    .to_owned(),
            );
        }
        let implied = match self.every {
            Some(_) => Times::Always,
            None => Times::Counted(1),
        };
        Ok(Fault {
            method: method.to_owned(),
            pattern: pattern.to_owned(),
            region,
            what,
            times: self.times.unwrap_or(implied),
            after: self.after,
            every: self.every.unwrap_or(1),
        })
    }
}

/// Codes of the gateway and of IAM bring their name with them.
pub(super) fn is_foreign_code(word: &str) -> bool {
    ["APIGW.", "APIG.", "IAM."]
        .iter()
        .any(|family| word.starts_with(family))
}

fn count(name: &str, value: &str) -> Result<u32, String> {
    value
        .parse()
        .map_err(|_| format!("'{value}' after '{name}' is not a number"))
}

#[cfg(test)]
mod tests {
    use super::super::{Answer, Content, Fault, Times, What};
    use std::time::Duration;

    #[test]
    fn a_fault_is_read_in_full() {
        let fault = Fault::parse(
            "POST sync_repo@cn-north-4: 429 APIGW.0308 retry-after=1 x3 after=2 every=4",
        );
        let fault = fault.unwrap();
        let answer = Answer {
            status: Some(429),
            code: Some("APIGW.0308".to_owned()),
            retry_after: Some("1".to_owned()),
            ..Answer::default()
        };
        assert_eq!(
            fault,
            Fault {
                method: "POST".to_owned(),
                pattern: "sync_repo".to_owned(),
                region: Some(crate::names::Parse::parse("cn-north-4").unwrap()),
                what: What::Answer {
                    answer,
                    done: false
                },
                times: Times::Counted(3),
                after: 2,
                every: 4,
            }
        );
    }

    #[test]
    fn a_fault_triggers_once_unless_it_says_how_often() {
        let times = |text: &str| Fault::parse(text).unwrap().times;
        assert_eq!(times("* *: cut"), Times::Counted(1));
        assert_eq!(times("* *: cut every=20"), Times::Always);
        assert_eq!(times("* *: cut every=20 x2"), Times::Counted(2));
        assert_eq!(times("* *: cut x*"), Times::Always);
    }

    #[test]
    fn a_body_takes_the_rest_of_the_line() {
        let what = Fault::parse(r#"GET *: 400 x2 body={"a b": "x9 cut"}"#)
            .unwrap()
            .what;
        let answer = Answer {
            status: Some(400),
            content: Some(Content::Text(r#"{"a b": "x9 cut"}"#.to_owned())),
            ..Answer::default()
        };
        assert_eq!(
            what,
            What::Answer {
                answer,
                done: false
            }
        );
    }

    #[test]
    fn what_is_no_answer_is_read_too() {
        let what = |text: &str| Fault::parse(text).unwrap().what;
        assert_eq!(what("* *: cut done"), What::Cut { done: true });
        assert_eq!(what("* *: cut-after"), What::Cut { done: true });
        assert_eq!(
            what("* *: slow=1500ms"),
            What::Delay(Duration::from_millis(1500))
        );
    }

    #[test]
    fn a_wrong_fault_is_refused_with_the_rule() {
        for (text, rule) in [
            ("POST sync_repo 503", "must be METHOD PATTERN: WHAT"),
            (
                "sync_repo: 503",
                "a method and a pattern must come before ': '",
            ),
            ("TAKE x: 503", "unknown method 'TAKE'"),
            ("GET x@North: 503", "invalid region 'North'"),
            ("GET @cn-north-4: 503", "the pattern is empty"),
            ("GET x: ", "no fault is named"),
            ("GET x: x2", "no fault is named"),
            ("GET x: boom", "'boom' is not known"),
            ("GET x: 99", "'99' is not known"),
            ("GET x: 4031032", "'4031032' is not known"),
            ("GET x: 503 cut", "it names two faults"),
            ("GET x: html null", "it names two bodies"),
            ("GET x: slow=soon", "invalid duration 'soon'"),
            ("GET x: 503 after=x", "'x' after 'after' is not a number"),
            ("GET x: retry-after=1", "'retry-after=' needs a status"),
            (
                "GET x: failed",
                "failed, timeout, cancel, stuck and late go with COPY",
            ),
            (
                "COPY x: 503",
                "failed, timeout, cancel, stuck and late go with COPY",
            ),
        ] {
            let found = Fault::parse(text).unwrap_err();
            assert!(found.starts_with(rule), "{text}: {found}");
        }
    }

    proptest::proptest! {
        /// Whatever is typed is read or refused with words; nothing panics.
        #[test]
        fn any_text_is_read_or_refused(
            text in "[ -~]{0,40}",
            parts in proptest::collection::vec(
                proptest::sample::select(vec![
                    "POST", "COPY v1", "GET /", " ", ":", "@cn-east-3", "503", "cut", "slow",
                    "body=", "x*", "x3", "after=", "every=0", "retry-after=9", "[", "\"", "99999999999",
                ]),
                0..8,
            ),
        ) {
            for text in [text, parts.concat(), parts.join(" ")] {
                if let Err(error) = Fault::parse(&text) {
                    let rule = error;
                    proptest::prop_assert!(!rule.is_empty(), "{}", text);
                }
            }
        }
    }
}
