//! Every page on one page.

use crate::layout::request::provide_member;
use crate::layout::{self, Around, NameHead, NotFound, SiteFoot, SiteHead, provide_store};
use crate::{account, checkout, dashboard, storefront};
use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::components::{Route, Router, Routes};
use leptos_router::{SsrMode, path};

/// All pages are rendered whole before they are sent: they have a status, and can be cached.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    provide_store();
    provide_member();
    view! {
        <Router>
            <a class="skip" href="#main">"Skip to content"</a>
            {match Around::here() {
                Around::Shop => view! { <SiteHead/><main id="main" class="site-width"><Pages/></main><SiteFoot/> }.into_any(),
                Around::Name => view! { <NameHead/><main id="main" class="site-width"><Pages/></main> }.into_any(),
                Around::Dashboard => view! { <Pages/> }.into_any(),
            }}
        </Router>
    }
}

#[component]
fn NoPage() -> impl IntoView {
    match Around::here() {
        Around::Dashboard => dashboard::no_page().into_any(),
        _ => view! { <NotFound/> }.into_any(),
    }
}

#[component]
fn Pages() -> impl IntoView {
    view! {
        <Routes fallback=NoPage>
            <Route path=path!("/") view=storefront::home::HomePage ssr=SsrMode::Async/>
            <Route path=path!("/products") view=storefront::catalog::CatalogPage ssr=SsrMode::Async/>
            <Route path=path!("/products/:slug") view=storefront::product::ProductPage ssr=SsrMode::Async/>
            <Route
                path=path!("/products/:slug/sample/:file_id") view=storefront::sample::SamplePageView ssr=SsrMode::Async
            />
            <Route path=path!("/cart") view=checkout::cart::CartPage ssr=SsrMode::Async/>
            <Route path=path!("/find-order") view=checkout::find::FindOrderPage ssr=SsrMode::Async/>
            <Route path=path!("/orders/find") view=checkout::find::FindAmongOrders ssr=SsrMode::Async/>
            <Route path=path!("/orders/:id") view=checkout::order::OrderPage ssr=SsrMode::Async/>
            <Route path=path!("/sign-in") view=account::sign_in::SignInPage ssr=SsrMode::Async/>
            <Route path=path!("/sign-in/:token") view=account::entry::EntryPage ssr=SsrMode::Async/>
            <Route path=path!("/confirm") view=account::confirm::ConfirmPage ssr=SsrMode::Async/>
            <Route path=path!("/setup") view=account::setup::SetupPage ssr=SsrMode::Async/>
            <Route path=path!("/policies/:policy") view=layout::PolicyPage ssr=SsrMode::Async/>
            <Route path=path!("/sign-out") view=account::sign_out::SignOutPage ssr=SsrMode::Async/>
            <Route path=path!("/dashboard") view=dashboard::overview::OverviewPage ssr=SsrMode::Async/>
            <Route path=path!("/dashboard/orders") view=dashboard::orders::OrdersPage ssr=SsrMode::Async/>
            <Route path=path!("/dashboard/products/:slug/files") view=dashboard::files::FilesPage ssr=SsrMode::Async/>
            <Route path=path!("/dashboard/orders/:id") view=dashboard::orders::one::OrderFilePage ssr=SsrMode::Async/>
            <Route path=path!("/dashboard/licenses") view=dashboard::licenses::LicensesPage ssr=SsrMode::Async/>
            <Route path=path!("/dashboard/licenses/:id") view=dashboard::licenses::one::LicensePage ssr=SsrMode::Async/>
            <Route path=path!("/dashboard/customers") view=dashboard::customers::CustomersPage ssr=SsrMode::Async/>
            <Route path=path!("/dashboard/customers/:id") view=dashboard::customers::one::CustomerPage ssr=SsrMode::Async/>
            <Route path=path!("/dashboard/health") view=dashboard::health::HealthPage ssr=SsrMode::Async/>
            <Route path=path!("/dashboard/search") view=dashboard::search::SearchPage ssr=SsrMode::Async/>
            <Route path=path!("/dashboard/settings") view=dashboard::settings::store::StoreSettingsPage ssr=SsrMode::Async/>
            <Route
                path=path!("/dashboard/settings/connections") view=dashboard::settings::connections::ConnectionsPage
                ssr=SsrMode::Async
            />
            <Route path=path!("/dashboard/settings/members") view=dashboard::settings::members::MembersPage ssr=SsrMode::Async/>
            <Route path=path!("/dashboard/settings/keys") view=dashboard::settings::keys::KeysPage ssr=SsrMode::Async/>
            <Route path=path!("/dashboard/settings/audit") view=dashboard::settings::audit::AuditPage ssr=SsrMode::Async/>
            <Route path=path!("/dashboard/settings/account") view=dashboard::settings::account::AccountPage ssr=SsrMode::Async/>
            <Route path=path!("/dashboard/promotions") view=dashboard::promotions::PromotionsPage ssr=SsrMode::Async/>
            <Route path=path!("/dashboard/promotions/new") view=dashboard::promotions::one::NewPromotionPage ssr=SsrMode::Async/>
            <Route path=path!("/dashboard/promotions/:id") view=dashboard::promotions::one::PromotionPage ssr=SsrMode::Async/>
            <Route path=path!("/dashboard/analytics") view=dashboard::analytics::AnalyticsPage ssr=SsrMode::Async/>
            <Route path=path!("/dashboard/products") view=dashboard::products::ProductsPage ssr=SsrMode::Async/>
            <Route path=path!("/dashboard/products/new") view=dashboard::products::editor::NewProductPage ssr=SsrMode::Async/>
            <Route path=path!("/dashboard/products/terms") view=dashboard::products::terms::TermsPage ssr=SsrMode::Async/>
            <Route path=path!("/dashboard/products/:slug") view=dashboard::products::editor::EditProductPage ssr=SsrMode::Async/>
            <Route path=path!("/dashboard/products/:slug/see") view=dashboard::products::see::SeeProductPage ssr=SsrMode::Async/>
            <Route path=path!("/dashboard/categories") view=dashboard::products::categories::CategoriesPage ssr=SsrMode::Async/>
        </Routes>
    }
}
