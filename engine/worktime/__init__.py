"""Working time: days and hours that count, the periods of law and promise. Pure: no database, no clock."""
