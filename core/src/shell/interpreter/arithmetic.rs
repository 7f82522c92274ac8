//! `$((…))`: C's integer expressions on 64 bits, wrapping as bash does. Assignments in an expression set variables.

use super::Shell;

/// Parentheses and unary operators inside each other.
const MAX_DEPTH: usize = 100;

impl Shell {
    /// The expression's value, or bash's sentence about what is wrong with it.
    pub(super) fn calculate(&mut self, text: &str) -> Result<i64, String> {
        let text = text.trim();
        let mut evaluator = Evaluator { shell: self, text, rest: text, depth: 0, skipping: 0 };
        let value = evaluator.comma()?;
        evaluator.blanks();
        if evaluator.rest.is_empty() {
            return Ok(value);
        }
        let rest = evaluator.rest;
        Err(format!("{text}: syntax error in expression (error token is \"{rest}\")"))
    }
}

struct Evaluator<'a> {
    shell: &'a mut Shell,
    text: &'a str,
    rest: &'a str,
    depth: usize,
    /// In a branch that is not taken: assignments and divisions by zero do nothing.
    skipping: usize,
}

type Value = Result<i64, String>;

/// Binary operators by rising precedence; within a row, longer ones first.
const LEVELS: [&[&str]; 10] = [
    &["||"],
    &["&&"],
    &["|"],
    &["^"],
    &["&"],
    &["==", "!="],
    &["<=", ">=", "<", ">"],
    &["<<", ">>"],
    &["+", "-"],
    &["*", "/", "%"],
];

impl<'a> Evaluator<'a> {
    fn comma(&mut self) -> Value {
        let mut value = self.assignment()?;
        while self.take(",") {
            value = self.assignment()?;
        }
        Ok(value)
    }

    fn assignment(&mut self) -> Value {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(format!("{}: expression recursion level exceeded (error token is \"{}\")", self.text, self.rest));
        }
        let value = self.assignment_inside();
        self.depth -= 1;
        value
    }

    fn assignment_inside(&mut self) -> Value {
        self.blanks();
        let before = self.rest;
        let name = self.name();
        if !name.is_empty() {
            for operator in ["<<=", ">>=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "="] {
                if !self.rest.starts_with("==") && self.take(operator) {
                    let right = self.assignment()?;
                    let operation = operator.trim_end_matches('=');
                    let left = if operation.is_empty() { 0 } else { self.variable(name)? };
                    let value = if operation.is_empty() { right } else { self.apply(operation, left, right)? };
                    self.store(name, value);
                    return Ok(value);
                }
            }
        }
        self.rest = before;
        self.conditional()
    }

    fn conditional(&mut self) -> Value {
        let condition = self.binary(0)?;
        if !self.take("?") {
            return Ok(condition);
        }
        let yes = self.maybe(condition != 0, Self::assignment)?;
        if !self.take(":") {
            return Err(self.error("`:' expected for conditional expression"));
        }
        let no = self.maybe(condition == 0, Self::assignment)?;
        Ok(if condition != 0 { yes } else { no })
    }

    fn maybe(&mut self, taken: bool, part: impl FnOnce(&mut Self) -> Value) -> Value {
        self.skipping += usize::from(!taken);
        let value = part(self);
        self.skipping -= usize::from(!taken);
        value
    }

    fn binary(&mut self, level: usize) -> Value {
        let Some(operators) = LEVELS.get(level) else {
            return self.power();
        };
        let mut left = self.binary(level + 1)?;
        while let Some(operator) = self.operator(operators) {
            let taken = match operator {
                "&&" => left != 0,
                "||" => left == 0,
                _ => true,
            };
            let right = self.maybe(taken, |inner| inner.binary(level + 1))?;
            left = self.apply(operator, left, right)?;
        }
        Ok(left)
    }

    /// One of a level's operators, unless it is the beginning of a longer one.
    fn operator(&mut self, operators: &[&'static str]) -> Option<&'static str> {
        self.blanks();
        let operator = operators.iter().find(|operator| self.rest.starts_with(**operator))?;
        let after = self.rest.get(operator.len()..).unwrap_or_default();
        let longer = match *operator {
            "|" | "&" => after.starts_with(*operator) || after.starts_with('='),
            "<" | ">" => after.starts_with(*operator),
            "*" => after.starts_with('*') || after.starts_with('='),
            "+" | "-" | "/" | "%" | "^" | "<<" | ">>" => after.starts_with('='),
            _ => false,
        };
        if longer {
            return None;
        }
        self.rest = after;
        Some(operator)
    }

    fn power(&mut self) -> Value {
        let base = self.unary()?;
        if !self.take("**") {
            return Ok(base);
        }
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(format!("{}: expression recursion level exceeded (error token is \"{}\")", self.text, self.rest));
        }
        let exponent = self.power()?;
        self.depth -= 1;
        match u32::try_from(exponent) {
            Ok(exponent) => Ok(base.wrapping_pow(exponent)),
            Err(_) if exponent < 0 => Err(self.error("exponent less than 0")),
            Err(_) => Ok(0),
        }
    }

    fn unary(&mut self) -> Value {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(format!("{}: expression recursion level exceeded (error token is \"{}\")", self.text, self.rest));
        }
        let value = self.unary_inside();
        self.depth -= 1;
        value
    }

    fn unary_inside(&mut self) -> Value {
        self.blanks();
        for (operator, change) in [("++", 1), ("--", -1)] {
            let after = self.rest.strip_prefix(operator).map(str::trim_start);
            if let Some(after) = after.filter(|after| after.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')) {
                self.rest = after;
                let name = self.name();
                let value = self.variable(name)?.wrapping_add(change);
                self.store(name, value);
                return Ok(value);
            }
        }
        if self.take("!") {
            return Ok(i64::from(self.unary()? == 0));
        }
        if self.take("~") {
            return Ok(!self.unary()?);
        }
        if self.take("-") {
            return Ok(self.unary()?.wrapping_neg());
        }
        if self.take("+") {
            return self.unary();
        }
        self.primary()
    }

    fn primary(&mut self) -> Value {
        self.blanks();
        if self.take("(") {
            let value = self.comma()?;
            return if self.take(")") { Ok(value) } else { Err(self.error("missing `)'")) };
        }
        let name = self.name();
        if !name.is_empty() {
            let value = self.variable(name)?;
            for (operator, change) in [("++", 1), ("--", -1)] {
                if self.take(operator) {
                    self.store(name, value.wrapping_add(change));
                }
            }
            return Ok(value);
        }
        let digits = self.rest.len() - self.rest.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '#').len();
        let (number, rest) = self.rest.split_at_checked(digits).unwrap_or((self.rest, ""));
        if number.is_empty() {
            return Err(self.error("syntax error: operand expected"));
        }
        let value = parse_number(number).ok_or_else(|| self.error("value too great for base"))?;
        self.rest = rest;
        Ok(value)
    }

    /// A variable's value is itself an expression; only numbers and names of numbers are followed here.
    fn variable(&mut self, name: &str) -> Value {
        let mut name = name.to_owned();
        for _ in 0..MAX_DEPTH {
            let value = self.shell.value(&name).unwrap_or_default().trim().to_owned();
            if value.is_empty() {
                return Ok(0);
            }
            let (sign, digits) = value.strip_prefix('-').map_or((1, value.as_str()), |digits| (-1, digits));
            if digits.starts_with(|first: char| first.is_ascii_digit()) {
                let number = parse_number(digits).ok_or_else(|| self.error("syntax error in expression"))?;
                return Ok(number.wrapping_mul(sign));
            }
            if !crate::shell::grammar::is_name(&value) {
                return Err(format!("{value}: syntax error: operand expected (error token is \"{value}\")"));
            }
            name = value;
        }
        Err(format!("{name}: expression recursion level exceeded (error token is \"{name}\")"))
    }

    fn store(&mut self, name: &str, value: i64) {
        if self.skipping == 0 {
            self.shell.variables.entry(name.to_owned()).or_default().value = value.to_string();
        }
    }

    fn apply(&self, operator: &str, left: i64, right: i64) -> Value {
        let shift = |count: i64| u32::try_from(count & 63).unwrap_or(0);
        Ok(match operator {
            "||" => i64::from(left != 0 || right != 0),
            "&&" => i64::from(left != 0 && right != 0),
            "|" => left | right,
            "^" => left ^ right,
            "&" => left & right,
            "==" => i64::from(left == right),
            "!=" => i64::from(left != right),
            "<=" => i64::from(left <= right),
            ">=" => i64::from(left >= right),
            "<" => i64::from(left < right),
            ">" => i64::from(left > right),
            "<<" => left.wrapping_shl(shift(right)),
            ">>" => left.wrapping_shr(shift(right)),
            "+" => left.wrapping_add(right),
            "-" => left.wrapping_sub(right),
            "*" => left.wrapping_mul(right),
            "/" | "%" if right == 0 && self.skipping > 0 => 0,
            "/" | "%" if right == 0 => {
                return Err(format!("{}: division by 0 (error token is \"{}\")", self.text, self.divisor()));
            }
            "/" => left.wrapping_div(right),
            "%" => left.wrapping_rem(right),
            _ => unreachable!("every operator of LEVELS is applied"),
        })
    }

    /// What bash calls the error token of a division: the text from the divisor on.
    fn divisor(&self) -> &str {
        let read = self.text.len() - self.rest.len();
        let before = self.text.get(..read).unwrap_or_default().trim_end();
        let start = before.rfind(['/', '%']).map_or(0, |at| at + 1);
        self.text.get(start..).unwrap_or_default().trim_start()
    }

    fn name(&mut self) -> &'a str {
        let starts = self.rest.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
        let length = if starts {
            self.rest.len() - self.rest.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_').len()
        } else {
            0
        };
        let (name, rest) = self.rest.split_at_checked(length).unwrap_or(("", self.rest));
        self.rest = rest;
        name
    }

    fn take(&mut self, text: &str) -> bool {
        self.blanks();
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn blanks(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn error(&self, message: &str) -> String {
        let token = if self.rest.is_empty() { self.last_token() } else { self.rest };
        format!("{}: {message} (error token is \"{token}\")", self.text)
    }

    /// At the end of the text bash names the operator before it.
    fn last_token(&self) -> &str {
        let text = self.text.trim_end();
        let start = text.trim_end_matches(|c: char| !c.is_ascii_alphanumeric() && c != ' ').len();
        text.get(start..).unwrap_or_default()
    }
}

/// `12`, `0x1f`, `017`, `2#101`
fn parse_number(text: &str) -> Option<i64> {
    let (radix, digits) = if let Some((base, digits)) = text.split_once('#') {
        (base.parse().ok().filter(|base| (2..=36).contains(base))?, digits)
    } else if let Some(digits) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        (16, digits)
    } else if let Some(digits) = text.strip_prefix('0').filter(|digits| !digits.is_empty()) {
        (8, digits)
    } else {
        (10, text)
    };
    let add = |value: i64, digit: char| {
        let digit = i64::from(digit.to_digit(radix)?);
        Some(value.wrapping_mul(i64::from(radix)).wrapping_add(digit))
    };
    digits.chars().try_fold(0, add)
}
