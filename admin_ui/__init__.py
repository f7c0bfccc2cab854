"""The web side: JSON API and pages. No rules and no queries here: every act is a service's."""
