//! Characters to tokens: operators, newlines, words. Which words are keywords depends on where they stand, so that is the
//! parser's business.

use super::{Parser, SyntaxError, Word};

#[derive(Clone, Debug)]
pub(super) enum Token {
    Word(Word),
    Operator(&'static str),
    /// Digits right before `<` or `>`.
    Descriptor(u32),
    Newline,
    End,
}

/// Longest first, so that the first match is the right one.
const OPERATORS: [&str; 24] = [
    "&>>", "<<-", "<<<", ";;&", "&&", "||", ";;", ";&", "&>", "<<", ">>", "<&", ">&", "<>", ">|", "|&", "|", "&", ";", "<", ">",
    "(", ")", "\n",
];

impl Token {
    pub(super) fn is_operator(&self, operator: &str) -> bool {
        matches!(self, Token::Operator(found) if *found == operator)
    }

    /// The keyword or name that an unquoted word spells.
    pub(super) fn literal(&self) -> Option<&str> {
        match self {
            Token::Word(word) => word.literal(),
            Token::Operator(_) | Token::Descriptor(_) | Token::Newline | Token::End => None,
        }
    }
}

impl Parser {
    /// The next token, which stays there.
    pub(super) fn peek(&mut self) -> Result<&Token, SyntaxError> {
        if self.peeked.is_none() {
            let token = self.read_token()?;
            self.peeked = Some(token);
        }
        Ok(self.peeked.as_ref().unwrap_or(&Token::End))
    }

    pub(super) fn next(&mut self) -> Result<Token, SyntaxError> {
        self.peek()?;
        Ok(self.peeked.take().unwrap_or(Token::End))
    }

    pub(super) fn skip_operator(&mut self, operator: &str) -> Result<bool, SyntaxError> {
        let found = self.peek()?.is_operator(operator);
        if found {
            self.peeked = None;
        }
        Ok(found)
    }

    pub(super) fn skip_newlines(&mut self) -> Result<(), SyntaxError> {
        while matches!(self.peek()?, Token::Newline) {
            self.peeked = None;
        }
        Ok(())
    }

    fn read_token(&mut self) -> Result<Token, SyntaxError> {
        self.skip_blanks();
        self.token_start = self.position;
        self.token_line = self.line;
        let Some(first) = self.character(0) else {
            return Ok(Token::End);
        };
        if first.is_ascii_digit()
            && let Some(descriptor) = self.read_descriptor()
        {
            return Ok(Token::Descriptor(descriptor));
        }
        let Some(operator) = OPERATORS.into_iter().find(|operator| self.looking_at(operator)) else {
            return Ok(Token::Word(self.read_word()?));
        };
        self.skip(operator.len());
        if operator == "\n" {
            self.read_heredocs()?;
            return Ok(Token::Newline);
        }
        Ok(Token::Operator(operator))
    }

    fn skip_blanks(&mut self) {
        loop {
            match self.character(0) {
                Some(' ' | '\t') => self.skip(1),
                Some('\\') if self.character(1) == Some('\n') => self.skip(2),
                Some('#') => {
                    while self.character(0).is_some_and(|character| character != '\n') {
                        self.skip(1);
                    }
                }
                _ => return,
            }
        }
    }

    fn read_descriptor(&mut self) -> Option<u32> {
        let digits: String = (0..4).map_while(|at| self.character(at).filter(char::is_ascii_digit)).collect();
        if !matches!(self.character(digits.len()), Some('<' | '>')) {
            return None;
        }
        self.skip(digits.len());
        digits.parse().ok()
    }
}
