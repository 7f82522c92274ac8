//! The inside of `[[ … ]]`: words are neither split nor globbed there, and `<`, `(`, `&&` mean something else.

use super::token::Token;
use super::{Parser, SyntaxError, TestExpression, Word};

impl Parser {
    /// After `[[`, up to and with `]]`.
    pub(super) fn parse_test(&mut self) -> Result<TestExpression, SyntaxError> {
        let expression = self.parse_test_or()?;
        match self.peek()?.literal() {
            Some("]]") => {
                self.peeked = None;
                Ok(expression)
            }
            _ => Err(self.conditional("syntax error in conditional expression")),
        }
    }

    fn parse_test_or(&mut self) -> Result<TestExpression, SyntaxError> {
        let mut left = self.parse_test_and()?;
        while self.skip_operator("||")? {
            left = TestExpression::Or(Box::new(left), Box::new(self.parse_test_and()?));
        }
        Ok(left)
    }

    fn parse_test_and(&mut self) -> Result<TestExpression, SyntaxError> {
        let mut left = self.parse_test_term()?;
        while self.skip_operator("&&")? {
            left = TestExpression::And(Box::new(left), Box::new(self.parse_test_term()?));
        }
        Ok(left)
    }

    fn parse_test_term(&mut self) -> Result<TestExpression, SyntaxError> {
        self.enter()?;
        self.skip_newlines()?;
        let term = self.parse_test_factor()?;
        self.skip_newlines()?;
        self.leave();
        Ok(term)
    }

    fn parse_test_factor(&mut self) -> Result<TestExpression, SyntaxError> {
        if self.peek()?.literal() == Some("!") {
            self.peeked = None;
            return Ok(TestExpression::Not(Box::new(self.parse_test_term()?)));
        }
        if self.skip_operator("(")? {
            let inner = self.parse_test_or()?;
            return if self.skip_operator(")")? { Ok(inner) } else { Err(self.conditional("expected `)'")) };
        }
        let left = self.expect_operand()?;
        if let Some(operator) = left.literal().filter(|text| is_unary(text))
            && matches!(self.peek()?, Token::Word(word) if word.literal() != Some("]]"))
        {
            let operator = operator.to_owned();
            return Ok(TestExpression::Unary { operator, operand: self.expect_operand()? });
        }
        let operator = match self.peek()? {
            Token::Operator(operator @ ("<" | ">")) => (*operator).to_owned(),
            Token::Word(word) if word.literal().is_some_and(is_binary) => word.literal().unwrap_or_default().to_owned(),
            _ => return Ok(TestExpression::Word(left)),
        };
        self.peeked = None;
        let right = if operator == "=~" { self.read_regex()? } else { self.expect_operand()? };
        Ok(TestExpression::Binary { left, operator, right })
    }

    /// A regular expression may hold parentheses and bars; it ends at a blank.
    fn read_regex(&mut self) -> Result<Word, SyntaxError> {
        while self.character(0) == Some(' ') {
            self.skip(1);
        }
        let mut word = Word::default();
        while let Some(character) = self.character(0).filter(|character| !character.is_whitespace()) {
            if self.word_ends_here() {
                word.push(character, false);
                self.skip(1);
            } else {
                word.parts.extend(self.read_word()?.parts);
            }
        }
        Ok(word)
    }

    fn expect_operand(&mut self) -> Result<Word, SyntaxError> {
        match self.peek()? {
            Token::Word(_) => match self.next()? {
                Token::Word(word) => Ok(word),
                Token::Operator(_) | Token::Descriptor(_) | Token::Newline | Token::End => Err(self.unexpected()),
            },
            Token::End => Err(self.unexpected()),
            Token::Operator(_) | Token::Descriptor(_) | Token::Newline => {
                let token = self.text_since(self.token_start);
                let token = if token.contains('\n') { "newline".to_owned() } else { token };
                Err(self.conditional(&format!("unexpected argument `{token}' to conditional operator")))
            }
        }
    }

    fn conditional(&mut self, message: &str) -> SyntaxError {
        match self.unexpected() {
            end if end.is_incomplete() => end,
            _ => SyntaxError::Conditional { message: message.to_owned(), line: self.token_line },
        }
    }
}

fn is_unary(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next() == Some('-')
        && characters.next().is_some_and(|c| "abcdefghknoprstuvwxzGLNORS".contains(c))
        && text.len() == 2
}

fn is_binary(text: &str) -> bool {
    matches!(text, "=" | "==" | "!=" | "=~" | "-eq" | "-ne" | "-lt" | "-le" | "-gt" | "-ge" | "-nt" | "-ot" | "-ef")
}
