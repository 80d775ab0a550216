//! Ids: UUIDv7 inside the house, random text for strangers.

/// The id of a row: UUIDv7, so that rows sort by their age.
pub type Id = uuid::Uuid;

/// What a stranger may see of an order: random, never sequential. 26 letters of Crockford's base 32 (130 bits).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PublicId(String);

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const LENGTH: usize = 26;

impl PublicId {
    /// A public id from as many random bytes as it has letters.
    pub fn from_chance(bytes: [u8; LENGTH]) -> Self {
        Self(bytes.iter().map(|b| char::from(ALPHABET[usize::from(b % 32)])).collect())
    }

    /// Reads what a stranger sent; `None` when no public id looks like this.
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() == LENGTH && text.bytes().all(|b| ALPHABET.contains(&b))).then(|| Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What people read to each other: the last eight letters, upper case, in two groups.
    pub fn short(&self) -> String {
        order_number(&self.0)
    }
}

/// The number of an order as a person reads it, from its public id.
pub fn order_number(public_id: &str) -> String {
    let tail = public_id.get(public_id.len().saturating_sub(8)..).unwrap_or(public_id).to_ascii_uppercase();
    match tail.split_at_checked(4) {
        Some((head, rest)) => format!("{head}-{rest}"),
        None => tail,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_id_survives_the_round_trip() {
        let id = PublicId::from_chance([200; 26]);
        assert_eq!(PublicId::parse(id.as_str()), Some(id.clone()));
        assert_eq!(id.short().len(), 9);
    }

    #[test]
    fn nothing_else_is_a_public_id() {
        for bad in ["", "1", "../../etc/passwd", "0000000000000000000000000I", "00000000000000000000000000000"] {
            assert_eq!(PublicId::parse(bad), None, "{bad}");
        }
    }
}
