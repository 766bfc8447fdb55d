"""What a notebook shows and draws: checked cells, figures and tables. It needs IPython and Matplotlib alone."""
