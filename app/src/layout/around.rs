//! What stands around a page.

/// The frame of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Around {
    /// The shop's header and footer.
    Shop,
    /// The rail of the dashboard, which its pages bring along.
    Dashboard,
    /// The shop's name alone: there is one thing to do here.
    Name,
}

impl Around {
    /// The frame of the page at this path.
    pub fn of(path: &str) -> Self {
        let is_in = |folder: &str| path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        // A product as buyers see it.
        if is_in("/dashboard") && !(is_in("/dashboard/products") && path.ends_with("/see")) {
            return Around::Dashboard;
        }
        if ["/setup", "/confirm", "/sign-out"].into_iter().any(is_in) { Around::Name } else { Around::Shop }
    }

    /// The frame of the page that is asked for.
    pub fn here() -> Self {
        Self::of(&super::shell::current_path().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::Around;

    #[test]
    fn each_page_has_the_frame_of_its_place() {
        for path in ["/", "/products", "/dashboards", "/sign-in", "/orders/a", "/dashboard/products/a/see"] {
            assert_eq!(Around::of(path), Around::Shop, "{path}");
        }
        for path in ["/dashboard", "/dashboard/", "/dashboard/orders/a", "/dashboard/nothing", "/dashboard/products/a"] {
            assert_eq!(Around::of(path), Around::Dashboard, "{path}");
        }
        assert_eq!([Around::of("/setup"), Around::of("/confirm")], [Around::Name; 2]);
    }
}
