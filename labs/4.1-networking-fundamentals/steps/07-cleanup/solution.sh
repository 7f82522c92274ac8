kubectl delete namespace lab-networking
