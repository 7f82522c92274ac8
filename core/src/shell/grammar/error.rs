//! Why a text is not a command, in bash's words.

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SyntaxError {
    /// A token that cannot stand where it does.
    Unexpected {
        token: String,
        line: usize,
        source: String,
    },
    /// The text ends inside a quote or a bracket.
    Unclosed {
        closer: char,
        line: usize,
    },
    /// The text ends inside a compound command or after an operator.
    End {
        line: usize,
    },
    /// The text ends inside a here-document.
    HereDocument {
        delimiter: String,
        line: usize,
    },
    /// Inside `[[ … ]]`; bash has several sentences for it.
    Conditional {
        message: String,
        line: usize,
    },
    TooDeep {
        line: usize,
    },
    /// Valid bash that hoplab has not.
    NotSimulated {
        what: &'static str,
    },
}

impl SyntaxError {
    /// More lines could complete the command.
    pub fn is_incomplete(&self) -> bool {
        matches!(self, SyntaxError::Unclosed { .. } | SyntaxError::End { .. } | SyntaxError::HereDocument { .. })
    }

    /// The lines that bash prints. `prefix` is `bash: ` at a terminal and `bash: -c: ` for a command string; the latter also
    /// numbers the lines and shows the one at fault.
    pub fn message(&self, prefix: &str, numbered: bool) -> String {
        let at = |line: &usize| if numbered { format!("{prefix}line {line}: ") } else { prefix.to_owned() };
        match self {
            SyntaxError::Unexpected { token, line, source } => {
                let start = at(line);
                let text = format!("{start}syntax error near unexpected token `{token}'\n");
                if numbered { format!("{text}{start}`{source}'\n") } else { text }
            }
            SyntaxError::Unclosed { closer, line } => {
                format!("{}unexpected EOF while looking for matching `{closer}'\n", at(line))
            }
            SyntaxError::End { line } => format!("{}syntax error: unexpected end of file\n", at(line)),
            SyntaxError::HereDocument { delimiter, line } => {
                format!("{}here-document delimited by end-of-file (wanted `{delimiter}')\n", at(line))
            }
            SyntaxError::Conditional { message, line } => format!("{}{message}\n", at(line)),
            SyntaxError::TooDeep { .. } => "hoplab: the command is nested too deeply\n".to_owned(),
            SyntaxError::NotSimulated { what } => format!("hoplab: {what} not simulated\n"),
        }
    }

    /// As BusyBox's and Debian's `sh` say it.
    pub fn ash_message(&self, name: &str) -> String {
        match self {
            SyntaxError::Unexpected { token, .. } => format!("{name}: syntax error: unexpected \"{token}\"\n"),
            SyntaxError::Unclosed { closer: closer @ ('"' | '\'' | '`'), .. } => {
                format!("{name}: syntax error: unterminated quoted string ({closer})\n")
            }
            SyntaxError::Unclosed { closer, .. } => {
                format!("{name}: syntax error: unexpected end of file (expecting \"{closer}\")\n")
            }
            SyntaxError::End { .. } => format!("{name}: syntax error: unexpected end of file\n"),
            SyntaxError::HereDocument { .. }
            | SyntaxError::Conditional { .. }
            | SyntaxError::TooDeep { .. }
            | SyntaxError::NotSimulated { .. } => self.message(&format!("{name}: "), false),
        }
    }
}
