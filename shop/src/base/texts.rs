//! Texts in which anybody may have written a customer's address. Each noun names its own, and `customers::texts` looks them through.

/// What becomes of a text with an address in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// The address alone goes.
    Redact,
    /// What Stripe sent is asked for again where it is needed.
    Empty,
    /// An address that nothing else hangs on.
    Clear,
    /// Whatever was typed into a form that was refused is gone in a day, and now.
    Delete,
}

/// A column with such texts. Naming one lets an erasure write its table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FreeText {
    pub table: &'static str,
    pub column: &'static str,
    pub act: Act,
}
