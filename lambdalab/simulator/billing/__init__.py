"""What Lambda costs: the arithmetic of the price list, and a calculator that shows its working."""
