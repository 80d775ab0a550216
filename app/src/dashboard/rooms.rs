//! The pages of the dashboard, each for those who may see it.

use crate::components::IconName;
use domain::member::{Permission, Role};

/// A room of the dashboard.
#[derive(Clone, Copy)]
pub(super) struct Room {
    pub url: &'static str,
    pub name: &'static str,
    pub icon: IconName,
    /// Nothing: for every member.
    pub permission: Option<Permission>,
}

const fn room(url: &'static str, name: &'static str, icon: IconName, permission: Option<Permission>) -> Room {
    Room { url, name, icon, permission }
}

/// The rooms in groups, each group with its name.
pub(super) const GROUPS: [(&str, &[Room]); 4] = [
    ("", &[room("/dashboard", "Overview", IconName::Dashboard, None)]),
    ("Catalog", &[room("/dashboard/products", "Products", IconName::Package, Some(Permission::SeeProducts))]),
    (
        "Sales",
        &[
            room("/dashboard/orders", "Orders", IconName::Receipt, Some(Permission::SeeOrders)),
            room("/dashboard/customers", "Customers", IconName::Users, Some(Permission::SeeOrders)),
            room("/dashboard/licenses", "Licenses", IconName::Key, Some(Permission::SeeOrders)),
            room("/dashboard/promotions", "Promotions", IconName::Tag, Some(Permission::SeeSales)),
            room("/dashboard/analytics", "Analytics", IconName::Chart, Some(Permission::SeeSales)),
        ],
    ),
    (
        "Shop",
        &[
            room("/dashboard/health", "Health", IconName::Pulse, Some(Permission::SeeOrders)),
            room("/dashboard/settings", "Settings", IconName::Sliders, Some(Permission::EditSettings)),
        ],
    ),
];

/// Where a member of this role can go: the rooms, and the pages of the settings.
pub fn pages_for(role: Role) -> impl Iterator<Item = (&'static str, &'static str)> {
    let more = [
        ("/dashboard/products/new", "New product", Some(Permission::EditProducts)),
        ("/dashboard/promotions/new", "New promotion", Some(Permission::EditPromotions)),
        ("/dashboard/categories", "Categories and tags", Some(Permission::EditProducts)),
    ];
    let settings = PAGES.into_iter().skip(1);
    let rooms = GROUPS.into_iter().flat_map(|(_, rooms)| rooms).map(|room| (room.url, room.name, room.permission));
    let all = rooms.chain(more).chain(settings);
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
