//! Members: those who run the shop.

use crate::id::Id;
use serde::{Deserialize, Serialize};

/// What a member is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Owner,
    Admin,
    Support,
    Analyst,
}

impl Role {
    pub const ALL: [Role; 4] = [Role::Owner, Role::Admin, Role::Support, Role::Analyst];

    pub fn as_str(self) -> &'static str {
        match self {
            Role::Owner => "owner",
            Role::Admin => "admin",
            Role::Support => "support",
            Role::Analyst => "analyst",
        }
    }

    /// The one table of who may do what.
    pub fn may(self, permission: Permission) -> bool {
        match permission {
            Permission::SeeSales => !matches!(self, Role::Support),
            Permission::SeeProducts => true,
            Permission::SeeOrders | Permission::HelpCustomers | Permission::Refund | Permission::RetryWork => {
                !matches!(self, Role::Analyst)
            }
            Permission::EditProducts | Permission::EditPromotions => matches!(self, Role::Owner | Role::Admin),
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word)
    }
}

/// What somebody who runs the shop does with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// Sums without people in them.
    SeeSales,
    SeeProducts,
    /// Orders with their customers' addresses.
    SeeOrders,
    /// Sends mails again and opens what a customer is entitled to.
    HelpCustomers,
    Refund,
    /// Tries again what was given up.
    RetryWork,
    EditProducts,
    EditPromotions,
}

impl Permission {
    pub const ALL: [Permission; 8] = [
        Permission::SeeSales,
        Permission::SeeProducts,
        Permission::SeeOrders,
        Permission::HelpCustomers,
        Permission::Refund,
        Permission::RetryWork,
        Permission::EditProducts,
        Permission::EditPromotions,
    ];
}

/// A member as pages name them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberView {
    pub id: Id,
    pub email: String,
    pub role: Role,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_is_found_by_its_word() {
        for role in Role::ALL {
            assert_eq!(Role::parse(role.as_str()), Some(role));
        }
        assert_eq!(Role::parse("root"), None);
    }

    #[test]
    fn each_role_may_do_what_it_is_there_for() {
        // Sales, products, orders, help, refund, retry, edit products, edit promotions.
        let table = [
            (Role::Owner, [true, true, true, true, true, true, true, true]),
            (Role::Admin, [true, true, true, true, true, true, true, true]),
            (Role::Support, [false, true, true, true, true, true, false, false]),
            (Role::Analyst, [true, true, false, false, false, false, false, false]),
        ];
        for (role, row) in table {
            assert_eq!(Permission::ALL.map(|permission| role.may(permission)), row, "{role:?}");
        }
    }
}
