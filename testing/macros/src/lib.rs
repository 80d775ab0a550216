//! The attribute of tests that run on both databases.

use proc_macro::{Delimiter, Group, TokenStream, TokenTree};

/// Makes two tests of an asynchronous function whose first argument is the `Engine`: `…::case_1_sqlite` and `…::case_2_postgres`.
///
/// What stands in parentheses goes to `tokio::test`.
#[proc_macro_attribute]
pub fn on_both_databases(options: TokenStream, function: TokenStream) -> TokenStream {
    let attributes = format!(
        "#[::shop_testing::rstest::rstest]
        #[case::sqlite(::shop_testing::Engine::Sqlite)]
        #[case::postgres(::shop_testing::Engine::Postgres)]
        #[tokio::test({options})]"
    );
    let mut arguments_follow = true;
    let function = function.into_iter().map(|token| match token {
        TokenTree::Group(group) if arguments_follow && group.delimiter() == Delimiter::Parenthesis => {
            arguments_follow = false;
            let mut arguments = parsed("#[case]");
            arguments.extend(group.stream());
            let mut with_case = Group::new(Delimiter::Parenthesis, arguments);
            with_case.set_span(group.span());
            TokenTree::Group(with_case)
        }
        other => other,
    });
    parsed(&attributes).into_iter().chain(function).collect()
}

#[expect(clippy::expect_used, reason = "both texts stand above, but for options, which came as tokens")]
fn parsed(tokens: &str) -> TokenStream {
    tokens.parse().expect("tokens")
}
