//! Members: those who run the shop.

use crate::id::Id;
use crate::word::Word;
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

/// What a member is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Role {
    Owner,
    Admin,
    Support,
    Analyst,
}

impl Role {
    /// Its name on pages.
    pub fn label(self) -> &'static str {
        match self {
            Role::Owner => "Owner",
            Role::Admin => "Admin",
            Role::Support => "Support",
            Role::Analyst => "Analyst",
        }
    }

    /// What the role is for, in a sentence.
    pub fn summary(self) -> &'static str {
        match self {
            Role::Owner => "Everything, including who may do what.",
            Role::Admin => "Everything except managing owners.",
            Role::Support => "Orders and customers: help, resend, refund.",
            Role::Analyst => "Sales and products, without customers.",
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
            Permission::EditProducts
            | Permission::EditPromotions
            | Permission::EraseCustomers
            | Permission::ManageMembers
            | Permission::ManageKeys
            | Permission::EditSettings
            | Permission::SeeAudit => matches!(self, Role::Owner | Role::Admin),
        }
    }
}

/// What somebody who runs the shop does with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
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
    /// Forgets who a customer was.
    EraseCustomers,
    /// Invites members, gives them roles, takes them away.
    ManageMembers,
    /// Makes and revokes API keys.
    ManageKeys,
    EditSettings,
    /// Who did what.
    SeeAudit,
}

impl Permission {
    /// What it allows, as a person says it.
    pub fn label(self) -> &'static str {
        match self {
            Permission::SeeSales => "See sales figures",
            Permission::SeeProducts => "See products",
            Permission::SeeOrders => "See orders and customers",
            Permission::HelpCustomers => "Help customers: resend, revoke and restore access",
            Permission::Refund => "Refund orders",
            Permission::RetryWork => "Retry failed jobs",
            Permission::EditProducts => "Create and edit products",
            Permission::EditPromotions => "Create and edit promotions",
            Permission::EraseCustomers => "Delete personal data of customers",
            Permission::ManageMembers => "Manage members and roles",
            Permission::ManageKeys => "Create and revoke API keys",
            Permission::EditSettings => "Change settings",
            Permission::SeeAudit => "Read the audit log",
        }
    }
}

/// What somebody who asks may do: what the role allows, and of that only what their API key was made for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rights {
    pub role: Role,
    /// Nothing: all that the role allows.
    pub scopes: Option<Vec<Permission>>,
}

impl Rights {
    pub fn may(&self, permission: Permission) -> bool {
        self.role.may(permission) && self.scopes.as_ref().is_none_or(|scopes| scopes.contains(&permission))
    }

    /// Whether these rights hold all that the role may: nobody gives or takes more than they have. Owners are made and unmade
    /// by owners alone.
    pub fn cover(&self, role: Role) -> bool {
        let holds_all = Permission::all().filter(|permission| role.may(*permission)).all(|permission| self.may(permission));
        holds_all && (role != Role::Owner || self.role == Role::Owner)
    }
}

impl From<Role> for Rights {
    fn from(role: Role) -> Self {
        Self { role, scopes: None }
    }
}

/// A member in the list of those who run the shop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberRow {
    pub id: Id,
    pub email: String,
    pub role: Role,
    /// Whether the invitation was taken up.
    pub has_joined: bool,
    /// Milliseconds since 1970; nothing where no session is open.
    pub seen_at: Option<i64>,
}

/// An API key in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRow {
    pub id: Id,
    /// What it is for.
    pub name: String,
    /// Whose it is.
    pub email: String,
    /// Nothing: all that the member's role allows.
    pub scopes: Option<Vec<Permission>>,
    /// Milliseconds since 1970.
    pub created_at: i64,
    pub last_used_at: Option<i64>,
}

/// A session in its member's list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenSession {
    /// Ends it; opens nothing.
    pub name: String,
    /// What the browser says of itself.
    pub user_agent: String,
    pub ip: String,
    /// Milliseconds since 1970.
    pub created_at: i64,
    pub seen_at: i64,
    /// Whether it is the one that asks.
    pub is_this: bool,
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
    fn nobody_gives_more_than_they_have() {
        let roles_of = |rights: Rights| Role::all().filter(|role| rights.cover(*role)).collect::<Vec<_>>();
        let key = |role, scopes: &[Permission]| Rights { role, scopes: Some(scopes.to_vec()) };
        assert_eq!(roles_of(Role::Owner.into()), Role::VARIANTS);
        assert_eq!(roles_of(Role::Admin.into()), [Role::Admin, Role::Support, Role::Analyst]);
        assert_eq!(roles_of(key(Role::Owner, Permission::VARIANTS)), Role::VARIANTS);
        assert_eq!(roles_of(key(Role::Admin, Permission::VARIANTS)), [Role::Admin, Role::Support, Role::Analyst]);
        assert_eq!(roles_of(key(Role::Owner, &[Permission::ManageMembers])), []);
        let looks = [Permission::ManageMembers, Permission::SeeSales, Permission::SeeProducts];
        assert_eq!(roles_of(key(Role::Owner, &looks)), [Role::Analyst]);
    }

    #[test]
    fn each_role_may_do_what_it_is_there_for() {
        let all = Permission::words();
        let table = [
            (Role::Owner, all.clone()),
            (Role::Admin, all),
            (Role::Support, vec!["see_products", "see_orders", "help_customers", "refund", "retry_work"]),
            (Role::Analyst, vec!["see_sales", "see_products"]),
        ];
        for (role, words) in table {
            let may: Vec<&str> = Permission::all().filter(|permission| role.may(*permission)).map(Permission::as_str).collect();
            assert_eq!(may, words, "{role:?}");
        }
    }
}
