"""What a maintainer runs: new ids, the PDF edition, the font of formulas."""
