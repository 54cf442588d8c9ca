//! Protobuf's wire format (<https://protobuf.dev/programming-guides/encoding/>), as far as these
//! messages use it. Groups, which no message here has, are refused.

use super::Problem;

const BROKEN: Problem = "is not protobuf of that form";

/// A field's value, not yet understood.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value<'a> {
    Varint(u64),
    Fixed(u64),
    Bytes(&'a [u8]),
}

/// The fields of a message, in order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

impl<'a> IntoIterator for Fields<'a> {
    type Item = Result<(u64, Value<'a>), Problem>;
    type IntoIter = Reader<'a>;

    fn into_iter(self) -> Reader<'a> {
        Reader(self.0)
    }
}

/// What is not read yet.
#[derive(Debug)]
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Iterator for Reader<'a> {
    type Item = Result<(u64, Value<'a>), Problem>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_none() {
            self.0 = &[];
        }
        Some(field.ok_or(BROKEN))
    }
}

impl<'a> Reader<'a> {
    fn field(&mut self) -> Option<(u64, Value<'a>)> {
        let tag = self.varint()?;
        let value = match tag & 7 {
            0 => Value::Varint(self.varint()?),
            1 => Value::Fixed(self.fixed::<8>().map(u64::from_le_bytes)?),
            2 => {
                let length = usize::try_from(self.varint()?).ok()?;
                let (bytes, rest) = self.0.split_at_checked(length)?;
                self.0 = rest;
                Value::Bytes(bytes)
            }
            5 => Value::Fixed(self.fixed::<4>().map(u32::from_le_bytes)?.into()),
            _ => return None,
        };
        Some((tag >> 3, value))
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.0.split_first()?;
            self.0 = rest;
            value |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn fixed<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (bytes, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*bytes)
    }
}

impl<'a> Value<'a> {
    pub(super) fn bytes(self) -> Result<&'a [u8], Problem> {
        match self {
            Self::Bytes(bytes) => Ok(bytes),
            _ => Err(BROKEN),
        }
    }

    pub(super) fn text(self) -> Result<&'a str, Problem> {
        std::str::from_utf8(self.bytes()?).map_err(|_invalid| "has a text that is not UTF-8")
    }

    pub(super) fn message(self) -> Result<Fields<'a>, Problem> {
        self.bytes().map(Fields)
    }

    /// A number of the wire's is the two's complement of what it means.
    pub(super) fn integer(self) -> Result<i64, Problem> {
        match self {
            Self::Varint(value) => Ok(value.cast_signed()),
            _ => Err(BROKEN),
        }
    }

    pub(super) fn double(self) -> Result<f64, Problem> {
        match self {
            Self::Fixed(bits) => Ok(f64::from_bits(bits)),
            _ => Err(BROKEN),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_every_wire_type_are_read() {
        let message = [
            0x08, 0x96, 0x01, // 1: 150
            0x12, 0x02, b'h', b'i', // 2: "hi"
            0x19, 0, 0, 0, 0, 0, 0, 0xF8, 0x3F, // 3: 1.5
            0x25, 1, 0, 0, 0, // 4: 1
        ];
        let fields: Result<Vec<_>, _> = Fields(&message).into_iter().collect();
        let fields = fields.unwrap();
        assert_eq!(fields[0], (1, Value::Varint(150)));
        assert_eq!(fields[1].1.text(), Ok("hi"));
        assert_eq!(fields[2].1.double(), Ok(1.5));
        assert_eq!(fields[3], (4, Value::Fixed(1)));
    }

    #[test]
    fn what_ends_early_or_is_no_field_is_an_error_once() {
        for broken in [
            &[0x08][..],
            &[0x08, 0x80],
            &[0x12, 0x05, b'h'],
            &[0x19, 0],
            &[0x0B],
            &[0xFF; 11],
            &[
                0x12, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01,
            ],
        ] {
            let fields: Vec<_> = Fields(broken).into_iter().collect();
            assert!(
                matches!(fields.as_slice(), [Err(_)]),
                "{broken:?}: {fields:?}"
            );
        }
    }
}
