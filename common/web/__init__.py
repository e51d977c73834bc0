"""What all pages share: application factory, guard, forms, error pages, templates and style."""
