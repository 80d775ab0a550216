//! The pages of the dashboard, each for those who may see it.

use domain::member::{Permission, Role};

/// The rooms of the dashboard, each for those who may see it.
pub(super) const ROOMS: &[(&str, &str, Option<Permission>)] = &[
    ("/dashboard", "Overview", None),
    ("/dashboard/products", "Products", Some(Permission::SeeProducts)),
    ("/dashboard/orders", "Orders", Some(Permission::SeeOrders)),
    ("/dashboard/customers", "Customers", Some(Permission::SeeOrders)),
    ("/dashboard/promotions", "Promotions", Some(Permission::SeeSales)),
    ("/dashboard/analytics", "Analytics", Some(Permission::SeeSales)),
    ("/dashboard/health", "Health", Some(Permission::SeeOrders)),
    ("/dashboard/settings", "Settings", Some(Permission::EditSettings)),
];

/// Where a member of this role can go: the rooms, and the pages of the settings.
pub fn pages_for(role: Role) -> impl Iterator<Item = (&'static str, &'static str)> {
    let more = [
        ("/dashboard/products/new", "New product", Some(Permission::EditProducts)),
        ("/dashboard/promotions/new", "New promotion", Some(Permission::EditPromotions)),
        ("/dashboard/categories", "Categories and tags", Some(Permission::EditProducts)),
    ];
    let settings = PAGES.into_iter().skip(1);
    let all = ROOMS.iter().copied().chain(more).chain(settings);
    all.filter(move |(_, _, permission)| permission.is_none_or(|permission| role.may(permission))).map(|(url, name, _)| (url, name))
}

/// The pages of the settings, each for those who may see it.
pub(super) const PAGES: [(&str, &str, Option<Permission>); 6] = [
    ("/dashboard/settings", "Store", Some(Permission::EditSettings)),
    ("/dashboard/settings/connections", "Connections", Some(Permission::EditSettings)),
    ("/dashboard/settings/members", "Members", Some(Permission::ManageMembers)),
    ("/dashboard/settings/keys", "API keys", Some(Permission::ManageKeys)),
    ("/dashboard/settings/audit", "Audit log", Some(Permission::SeeAudit)),
    ("/dashboard/settings/account", "Your account", None),
];
