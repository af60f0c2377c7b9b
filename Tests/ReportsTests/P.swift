// placeholder 
