-- What a call cost, as the network told it, and what kind of caller it was.
ALTER TABLE calls ADD COLUMN category TEXT;
ALTER TABLE calls ADD COLUMN charge_units INTEGER CHECK (charge_units >= 0);
ALTER TABLE calls ADD COLUMN charge_thousandths INTEGER CHECK (charge_thousandths >= 0);
ALTER TABLE calls ADD COLUMN currency TEXT;
